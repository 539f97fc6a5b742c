"""News of students."""

from consortium.shared.signals import News

consent_given = News("consent_given")
consent_withdrawn = News("consent_withdrawn")
student_changed = News("student_changed")
student_left = News("student_left")
student_reminded = News("student_reminded")
student_stepped = News("student_stepped")
students_changed = News("students_changed")
students_asked_after = News("students_asked_after")
"""A question, told with `student_ids`: which of them does a later stage know? Each listener answers with a set of ids."""
destinations_asked_after = News("destinations_asked_after")
"""A question, told with `student_ids`: where did they go? Each listener answers with id → cells of the destination's columns."""
evidence_decided = News("evidence_decided")
