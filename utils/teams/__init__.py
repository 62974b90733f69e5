"""Teams of real processes: started from a notebook, joined by torch.distributed, and counted."""
