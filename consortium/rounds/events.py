"""News of rounds."""

from consortium.shared.signals import News

round_announced = News("round_announced")
round_cancelled = News("round_cancelled")
round_frozen = News("round_frozen")
list_dropped = News("list_dropped")
post_left_round = News("post_left_round")
result_out = News("result_out")
