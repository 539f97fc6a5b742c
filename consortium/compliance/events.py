"""News of filings and overrides."""

from consortium.shared.signals import News

filing_decided = News("filing_decided")
override_recorded = News("override_recorded")
filing_ending = News("filing_ending")
