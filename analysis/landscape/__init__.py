"""The auction as a bidder meets it: what wins, at which bid, for how much, and what is kept of the worth."""
