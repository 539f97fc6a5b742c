"""What makes a rule of law give way or hold: filings with the authority, schools' overrides, mentors' load, and the law's editable tables."""
