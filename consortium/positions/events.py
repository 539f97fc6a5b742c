"""News of posts."""

from consortium.shared.signals import News

position_published = News("position_published")
position_changed = News("position_changed")
position_closed = News("position_closed")
position_reopened = News("position_reopened")
"""A paused or closed post takes students again: who waited for it may be told."""
place_freed = News("place_freed")
"""An open post that was full has a free place."""
position_expiring = News("position_expiring")
position_expired = News("position_expired")
override_asked = News("override_asked")
override_answered = News("override_answered")
