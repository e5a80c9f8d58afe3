"""The running program: settings, assembly, web server, loops, command line."""
