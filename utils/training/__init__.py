"""Training: batches, losses, optimizer and schedule, the loop, and how a stopped run goes on."""
