"""News of posts."""

from consortium.shared.signals import News

position_published = News("position_published")
position_changed = News("position_changed")
position_closed = News("position_closed")
