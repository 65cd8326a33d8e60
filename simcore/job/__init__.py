"""What the job may use of its node, as the kernel, the scheduler and the user's shell say: one file a resource."""
