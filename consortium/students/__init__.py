"""The supply: rosters that colleges upload, profiles that students keep, consents."""
