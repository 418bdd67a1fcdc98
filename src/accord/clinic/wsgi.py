"""What the web server serves."""

import os

from django.core.wsgi import get_wsgi_application

from accord.clinic.web.complete_request_body import require_complete_bodies

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "accord.clinic.settings")
application = require_complete_bodies(get_wsgi_application())
