"""The site's settings, from the environment and the file beneath it; `environment.SETTINGS` names them."""

import os
import sqlite3
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from accord.clinic import environment, environment_file
from accord.clinic.web import log_redaction

HERE = Path(__file__).parent
ACCORD = environment.read(environment_file.with_file(os.environ), sqlite3.sqlite_version_info)

DEBUG = ACCORD.debug
# Django asks for some key even to list its commands; `checks` refuses to serve with this one.
SECRET_KEY = ACCORD.secret_key or "no key is set"
ALLOWED_HOSTS = [ACCORD.host, "localhost", "127.0.0.1"]
ROOT_URLCONF = "accord.clinic.urls"
WSGI_APPLICATION = "accord.clinic.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Folders with templates: the shared ones and those of each feature that has pages.
TEMPLATE_FOLDERS = (
    "web",
    "site",
    "accounts",
    "accounts/closing",
    "accounts/invitations",
    "client/checkins",
    "client/own_notes",
    "client/own_record",
    "clinician/absences",
    "clinician/client_page",
    "clinician/contacts",
    "clinician/emergency",
    "clinician/reactions",
    "clinician/worklist",
    "programme/alarm_budget",
    "programme/audit_log",
    "programme/care",
    "programme/dropout",
    "programme/duty",
    "programme/groups",
    "programme/handover",
    "programme/imports",
    "programme/outcomes",
    "programme/people",
)
# Folders with scripts and pictures; style sheets are listed in `web.stylesheet`.
STATIC_FOLDERS = ("web", "accounts", "client/checkins")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "accord.clinic",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
]
MIDDLEWARE = [
    "accord.clinic.web.log_redaction.PresentRequest",  # first: whatever is logged beneath it is redacted
    "accord.clinic.web.middleware.PrivatePages",
    "accord.clinic.web.middleware.HelpOnRefusals",
    "accord.clinic.web.middleware.ReadOnlySite",
    "accord.clinic.web.middleware.PolicyReadOnce",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accord.clinic.accounts.sign_in_middleware.SignInRequired",  # last: it decides who goes on
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / folder / "templates" for folder in TEMPLATE_FOLDERS],
        "APP_DIRS": True,  # for allauth, whose pages of the same name come after ours
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accord.clinic.site.context.site",
            ]
        },
    }
]

DATABASES = {"default": ACCORD.database}
# In the database, so that the sign-in limits hold across worker processes. Large, because a full cache drops
# entries at random: a flood of wrong sign-ins must not wash away the limits or which codes were used.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "clinic_cache",
        "OPTIONS": {"MAX_ENTRIES": 200_000},
    }
}

AUTH_USER_MODEL = "clinic.Account"
AUTHENTICATION_BACKENDS = ["accord.clinic.accounts.Confirmed"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "accord.clinic.accounts.passwords.EasyToGuess"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "accord.clinic.accounts.adapters.Accounts"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # accounts are made by the programme, never by a visitor
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_REAUTHENTICATION_TIMEOUT = 10 * 60  # seconds that a confirmed password or passkey holds
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False  # this sign-in goes on; every other one ends
MFA_ADAPTER = "accord.clinic.accounts.adapters.SecondFactors"
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # the invitation confirmed the person, and this version writes to nobody
MFA_TOTP_TOLERANCE = 1  # steps of 30 s: a telephone's clock may be a little off
MFA_FORMS = {"authenticate": "accord.clinic.accounts.adapters.CodeForm"}
# Behind https there is the proxy that ends TLS; it alone may say whose address a request came from.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if ACCORD.https else 0
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"  # this version writes to nobody

SESSION_ENGINE = "accord.clinic.accounts.session_store"
SESSION_COOKIE_AGE = 12 * 60 * 60  # seconds; `sessions` locks and ends a sign-in before
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ACCORD.https
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
# `__Host-`: the browser takes the cookie over https only, and from no other host of the same domain.
SESSION_COOKIE_NAME = "__Host-session" if ACCORD.https else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if ACCORD.https else "csrf"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # no words in cookies
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [ACCORD.url]
CSRF_FAILURE_VIEW = "accord.clinic.web.errors.csrf"
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if ACCORD.https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = ACCORD.https
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

STATIC_URL = "static/"
STATIC_ROOT = ACCORD.folder / "static"
STATICFILES_DIRS = [HERE / folder / "static" for folder in STATIC_FOLDERS]
STATICFILES_FINDERS = [
    "accord.clinic.web.stylesheet.StylesheetFinder",
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",  # for allauth
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
IMPORT_FOLDER = ACCORD.folder / "imports"  # a file is here while it is read; it waits in the database
IMPORT_LIMIT = 20 * 1024 * 1024  # bytes of one uploaded file
FILE_UPLOAD_TEMP_DIR = ACCORD.folder / "incoming"  # what is on its way, within the folder that is checked
SILENCED_SYSTEM_CHECKS = ["files.E001"]  # that folder is made when something is first sent
FILE_UPLOAD_HANDLERS = [
    "accord.clinic.web.file_parts.OnlyWhereAskedFor",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000  # an import asks for one name per answered safety item
FILE_UPLOAD_PERMISSIONS = 0o600

USE_I18N = True
USE_TZ = True
TIME_ZONE = ACCORD.time_zone
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [HERE / "locale"]

LOGGING = log_redaction.logging_settings()
