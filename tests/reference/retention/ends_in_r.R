# What the package survival makes of ends.csv: Rscript ends_in_r.R, in this folder.
library(survival)
rows <- read.csv("ends.csv")
rows$entry <- seq_len(nrow(rows))
rows$state <- factor(rows$code, 0:3, c("goes on", "one", "two", "three"))
at <- c(0, 14, 60, 120, 200, 280)
fit <- survfit(Surv(duration, state) ~ 1, data = rows, id = entry, influence = TRUE)
s <- summary(fit, times = at, extend = TRUE)
# Of one person's entries together: their influences are added up before they are squared.
place <- findInterval(at, fit$time)
se <- t(sapply(place, function(one) if (one == 0) rep(0, 4) else
  apply(fit$influence.pstate[, one + (dim(fit$influence.pstate)[2] - length(fit$time)), ], 2,
        function(moves) sqrt(sum(rowsum(moves, rows$person)^2)))))
told <- list(r = R.version.string, survival = as.character(packageVersion("survival")), at = at, value = s$pstate,
             se = s$std.err, se_together = se)
cat(jsonlite::toJSON(told, digits = 10, auto_unbox = TRUE, pretty = TRUE), "\n", file = "ends.json")
