# Fits what test_against_r.py compares with, in R, and writes fits.json.
# Debian: r-base-core r-cran-lme4 r-cran-glmmtmb r-cran-jsonlite
suppressMessages({library(lme4); library(glmmTMB); library(jsonlite)})
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
d <- read.csv(file.path(here, "frame.csv"), na.strings = "")
d <- d[order(d$client, d$period), ]
before <- function(x) ave(x, d$client, FUN = function(v) c(NA, head(v, -1)))
d$outcome_before <- before(d$outcome)
d$injury_before <- log1p(before(d$self_injury) / before(d$days) * 28)
d$log_period <- log1p(d$period)
d$offset <- log(d$days / 28)
d$any <- as.numeric(d$attempt > 0)

# The parts of the alliance in SDs (about n, not n - 1) of the rows that a model takes.
scaled <- function(rows) {
  sd_n <- function(x) sqrt(mean((x - mean(x))^2))
  rows$within <- rows$alliance_client_within_lag / sd_n(rows$alliance_client_within_lag)
  rows$between <- rows$alliance_client_between / sd_n(rows$alliance_client_between)
  rows
}
whole <- function(names) scaled(d[complete.cases(d[, c(names, "alliance_client_within_lag", "alliance_client_between")]), ])
told <- function(name, beta, se, n, people)
  list(name = name, beta = as.list(beta), se = as.list(se), rows = n, people = people)

g <- whole(c("outcome", "outcome_before"))
gaussian <- lmer(outcome ~ period + log_period + arm + outcome_before + arm:within + arm:between +
                   (1 | client) + (1 | clinician), data = g, REML = FALSE)
n <- whole(c("self_injury", "injury_before"))
count <- glmmTMB(self_injury ~ period + log_period + arm + injury_before + arm:within + arm:between + offset(offset) +
                   (1 | client) + (1 | clinician), data = n, family = nbinom2)
zero <- update(count, ziformula = ~1)
of_tmb <- function(name, fit, rows) {
  s <- summary(fit)$coefficients$cond
  told(name, s[, 1], s[, 2], nrow(rows), length(unique(rows$client)))
}

v <- d[!is.na(d$alliance_client), ]
parts <- lmer(alliance_client ~ period + log_period + arm + (1 | client) + (1 | clinician), data = v, REML = FALSE)
variance <- c(VarCorr(parts)$client[1], VarCorr(parts)$clinician[1], sigma(parts)^2)

fits <- list(
  told("outcome", fixef(gaussian), sqrt(diag(as.matrix(vcov(gaussian)))), nrow(g), length(unique(g$client))),
  of_tmb("self_injury", count, n), of_tmb("self_injury zero-inflated", zero, n)
)
write(toJSON(list(r = R.version.string, lme4 = as.character(packageVersion("lme4")),
                  glmmTMB = as.character(packageVersion("glmmTMB")), fits = fits, aic = AIC(count),
                  variance = variance / sum(variance)),
             auto_unbox = TRUE, digits = 10, pretty = TRUE), file.path(here, "fits.json"))
