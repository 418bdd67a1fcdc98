# Fits the models of test_against_r.py in R and writes what they found to fits.json.
# Debian: r-base-core r-cran-lme4 r-cran-glmmtmb r-cran-jsonlite r-cran-brglm2
suppressMessages({library(lme4); library(glmmTMB); library(jsonlite); library(brglm2)})
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
d <- read.csv(file.path(here, "sessions.csv"))
d$client <- factor(d$client); d$clinician <- factor(d$clinician)
random <- "(1 + time | client) + (1 | clinician)"
right <- paste("time + aw + ab +", random)

told <- function(name, engine, beta, se, sd, corr, dispersion, loglik)
  list(name = name, engine = engine, beta = as.list(beta), se = as.list(se), sd = as.list(sd),
       corr = corr, dispersion = dispersion, loglik = as.numeric(loglik))

of_lme4 <- function(name, fit) {
  v <- VarCorr(fit)
  told(name, paste("lme4", packageVersion("lme4")), fixef(fit), sqrt(diag(as.matrix(vcov(fit)))),
       c(attr(v$client, "stddev"), attr(v[[2]], "stddev")), attr(v$client, "correlation")[2, 1], sigma(fit), logLik(fit))
}

of_tmb <- function(name, family, outcome, data = d, zi = ~0, offset = FALSE) {
  text <- paste(outcome, "~", right, if (offset) "+ offset(log_days)" else "")
  fit <- glmmTMB(as.formula(text), data = data, family = family, ziformula = zi)
  v <- VarCorr(fit)$cond
  s <- summary(fit)$coefficients$cond
  nb <- grepl("nbinom", fit$modelInfo$family$family)
  told(name, paste("glmmTMB", packageVersion("glmmTMB")), s[, 1], s[, 2],
       c(attr(v$client, "stddev"), attr(v$clinician, "stddev")), attr(v$client, "correlation")[2, 1],
       if (nb) sigma(fit) else NULL, logLik(fit))
}

membership <- function() {
  # lme4 knows one clinician for each row: the model matrix of the second term is written anew with the weights.
  read <- lFormula(as.formula(paste("yg ~", right)), data = d, REML = FALSE)
  place <- which(names(read$reTrms$Ztlist) == "1 | clinician")
  names_ <- rownames(read$reTrms$Ztlist[[place]])
  weights <- matrix(0, length(names_), nrow(d), dimnames = list(names_, NULL))
  weights[cbind(match(as.character(d$clinician), names_), seq_len(nrow(d)))] <- d$w1
  second <- cbind(match(as.character(d$clin2), names_), seq_len(nrow(d)))
  weights[second] <- weights[second] + d$w2
  read$reTrms$Ztlist[[place]] <- Matrix(weights, sparse = TRUE)
  read$reTrms$Zt <- do.call(rbind, read$reTrms$Ztlist)
  deviance <- do.call(mkLmerDevfun, c(read, list(control = lmerControl(optimizer = "bobyqa"))))
  found <- optimizeLmer(deviance, optimizer = "bobyqa", control = list(rhoend = 1e-9))
  of_lme4("membership", mkMerMod(environment(deviance), found, read$reTrms, fr = read$fr))
}

# A hurdle by glmmTMB: its zero part tells of zeros, so its coefficients have the other sign than "any at all".
hurdle <- function(name, family) {
  fit <- glmmTMB(yn ~ time + aw + ab + (1 | client), ziformula = ~ time + aw + (1 | client), data = d, family = family)
  s <- summary(fit)$coefficients
  list(name = name, engine = paste("glmmTMB", packageVersion("glmmTMB")),
       any = as.list(-s$zi[, 1]), any_se = as.list(s$zi[, 2]), count = as.list(s$cond[, 1]), count_se = as.list(s$cond[, 2]),
       loglik = as.numeric(logLik(fit)))
}

# Firth's penalised likelihood: the maximum under Jeffreys' prior. The outcome is a rare event that never occurs
# where `calm` is 1.
firth <- function(link) {
  fit <- glm(rare ~ time + aw + calm, data = d, family = binomial(link), method = "brglmFit", type = "MPL_Jeffreys",
             epsilon = 1e-12, maxit = 1000)
  s <- summary(fit)$coefficients
  list(link = link, engine = paste("brglm2", packageVersion("brglm2")), beta = as.list(s[, 1]), se = as.list(s[, 2]))
}
d$rare <- as.integer(d$yn >= 12)
d$calm <- as.integer(ave(d$rare, d$clinician, FUN = sum) == 0)

exact <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10))
some <- subset(d, yn > 0)
fits <- list(
  of_lme4("gaussian", lmer(as.formula(paste("yg ~", right)), data = d, REML = FALSE, control = exact)),
  membership(),
  of_tmb("bernoulli", binomial(), "yb"),
  of_tmb("cloglog", binomial("cloglog"), "yb"),
  of_tmb("poisson", poisson(), "yn", offset = TRUE),
  of_tmb("negative-binomial", nbinom2(), "yn", offset = TRUE),
  of_tmb("zero-inflated-poisson", poisson(), "yz", zi = ~1, offset = TRUE),
  of_tmb("zero-inflated-negative-binomial", nbinom2(), "yz", zi = ~1, offset = TRUE),
  of_tmb("truncated-poisson", truncated_poisson(), "yn", data = some, offset = TRUE),
  of_tmb("truncated-negative-binomial", truncated_nbinom2(), "yn", data = some, offset = TRUE)
)
hurdles <- list(hurdle("hurdle-poisson", truncated_poisson()), hurdle("hurdle-negative-binomial", truncated_nbinom2()))
write(toJSON(list(r = R.version.string, fits = fits, hurdles = hurdles, firth = list(firth("logit"), firth("cloglog"))), auto_unbox = TRUE, digits = 10, pretty = TRUE), file.path(here, "fits.json"))
