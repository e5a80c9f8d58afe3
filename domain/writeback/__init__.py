"""What is written into the CRM that a lead came from: its owner and its status, as they are at that moment."""
