"""What anchors mean, as the team has reviewed them."""
