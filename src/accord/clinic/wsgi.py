"""What gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

from accord.clinic.web.whole_bodies import whole_bodies

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "accord.clinic.settings")
application = whole_bodies(get_wsgi_application())
