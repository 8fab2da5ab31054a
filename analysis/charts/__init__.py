"""The drawing room: colours, axes, and figures, in which a finding stands over its chart."""
