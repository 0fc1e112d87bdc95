"""A worker as an Optuna user writes it: only the storage line names the server.

argv: URL, study, number of points, seconds that an objective takes, file for what was evaluated.
"""

import os
import sys
import time
import warnings

import optuna

warnings.simplefilter("ignore")
optuna.logging.set_verbosity(optuna.logging.ERROR)

url, name, points, seconds, evaluated = sys.argv[1:]


def objective(trial):
    x = trial.suggest_int("x", 0, int(points) - 1)
    time.sleep(float(seconds))
    with open(evaluated, "a") as f:  # one write of one line: it is there as a whole, or not
        f.write(f"{x}\n")
    trial.set_user_attr("HOST", {"host": "laptop"})
    return float((x - 7) ** 2)


storage = optuna.storages.JournalStorage(optuna.storages.JournalRedisStorage(url))
study = optuna.create_study(study_name=name, storage=storage, load_if_exists=True)
print(os.getpid(), flush=True)
try:
    study.optimize(objective)
except Exception as why:
    print(f"{type(why).__name__}: {why}")
    sys.exit(0 if "EXHAUSTED" in str(why) else 1)
