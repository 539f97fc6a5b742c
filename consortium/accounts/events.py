"""News of accounts."""

from consortium.shared.signals import News

invitation_accepted = News("invitation_accepted")
asked_to_join = News("asked_to_join")
join_decided = News("join_decided")
headship_handed_over = News("headship_handed_over")
