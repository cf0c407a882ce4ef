all as block fixed as exempt cgn as monitor ports as block where as block few as exempt mx as relay mxnet as relay
