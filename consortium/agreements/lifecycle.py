"""The states of an agreement; signing, changing and ending add their steps here."""

from consortium.shared.lifecycle import Lifecycle

DRAFTED = "drafted"

AGREEMENT = Lifecycle(DRAFTED, steps=())
