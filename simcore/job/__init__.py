"""Resources that the job can use on its node, by kernel, scheduler and environment; one file for each resource."""
