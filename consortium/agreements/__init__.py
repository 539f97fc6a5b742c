"""The agreement of student, enterprise and college: drafted from facts."""
