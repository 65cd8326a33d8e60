"""stub"""
def read_connectome(path): raise NotImplementedError
