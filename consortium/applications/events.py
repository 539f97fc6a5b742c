"""News of applications."""

from consortium.shared.signals import News

application_stepped = News("application_stepped")
application_accepted = News("application_accepted")
position_filled = News("position_filled")
