"""What forecasting platforms hand out: questions, opinions, drafts of events, outcomes."""
