"""The worker's door: builds the app and hands out its Celery (`celery -A celery_worker worker`)."""

from consortium.app import create_app

flask_app = create_app(worker=True)
celery = flask_app.extensions["celery"]
