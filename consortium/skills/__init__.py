"""The one vocabulary of skills and certificates, in Chinese and English."""
