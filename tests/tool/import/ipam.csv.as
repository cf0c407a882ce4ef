dynamic as block
