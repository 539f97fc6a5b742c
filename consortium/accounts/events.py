"""News of accounts."""

from consortium.shared.signals import News

invitation_accepted = News("invitation_accepted")
