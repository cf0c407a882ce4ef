a as block
