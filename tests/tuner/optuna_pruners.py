"""What the real Optuna's pruners say of random trials, as a script for ours.

optuna_pruners.py SEED prints, for each setting, a line `pruner STUDY DIRECTION TEXT`, and then what
happens in turn: `report TRIAL STEP VALUE VERDICT` and `end TRIAL STATE`."""

import random
import sys
import warnings

import optuna
from optuna.pruners import (
    HyperbandPruner,
    MedianPruner,
    PatientPruner,
    PercentilePruner,
    SuccessiveHalvingPruner,
    ThresholdPruner,
)

SETTINGS = {
    "median": lambda: MedianPruner(),
    "median:startup=2,warmup=3,interval=4": lambda: MedianPruner(2, 3, 4),
    "median:startup=0,enough=3": lambda: MedianPruner(0, n_min_trials=3),
    "percentile:at=25": lambda: PercentilePruner(25),
    "percentile:at=10,startup=1,interval=2": lambda: PercentilePruner(10, 1, 0, 2),
    "percentile:at=83.7,startup=1": lambda: PercentilePruner(83.7, 1),
    "percentile:at=0,startup=1": lambda: PercentilePruner(0, 1),
    "percentile:at=100,startup=1": lambda: PercentilePruner(100, 1),
    "asha": lambda: SuccessiveHalvingPruner(),
    "asha:min=1,factor=2": lambda: SuccessiveHalvingPruner(1, 2),
    "asha:min=2,factor=3,early=1": lambda: SuccessiveHalvingPruner(2, 3, 1),
    "asha:min=1,factor=2,bootstrap=4": lambda: SuccessiveHalvingPruner(1, 2, 0, 4),
    "hyperband": lambda: HyperbandPruner(),
    "hyperband:min=1,max=27": lambda: HyperbandPruner(1, 27, 3),
    "hyperband:min=2,max=40,factor=2": lambda: HyperbandPruner(2, 40, 2),
    "patient:patience=3": lambda: PatientPruner(None, 3),
    "patient:patience=0,delta=0.5": lambda: PatientPruner(None, 0, 0.5),
    "patient:patience=2,of=median:startup=2": lambda: PatientPruner(MedianPruner(2), 2),
    "patient:patience=1,of=asha:min=1,factor=2": lambda: PatientPruner(
        SuccessiveHalvingPruner(1, 2), 1
    ),
    "threshold:lower=2,upper=8,warmup=2,interval=3": lambda: ThresholdPruner(2, 8, 2, 3),
}
WORKERS = 4
LONGEST = 30


def play(text, pruner, direction, dice):
    name = f"study {dice.randrange(1000)}"
    study = optuna.create_study(study_name=name, direction=direction, pruner=pruner)
    print("pruner", name.replace(" ", "\\"), direction, text)
    running = []
    coarse = dice.random() < 0.5  # so that values tie
    for _ in range(600):
        if len(running) < WORKERS:
            trial = study.ask()
            running.append([trial, dice.choice([0, 0, 1]), dice.uniform(2, 8), 0])
        which = dice.choice(running)
        trial, step, level, value = which
        fate = dice.random()
        if step > LONGEST or fate < 0.03:
            state = dice.choice(["complete"] * 4 + ["fail"])
            if state == "complete" and value == value:
                study.tell(trial, value)
            else:
                state = "fail"
                study.tell(trial, state=optuna.trial.TrialState.FAIL)
            print("end", trial.number, state)
            running.remove(which)
            continue
        value = level + dice.gauss(0, 1) - step / 20
        if coarse:
            value = float(round(value))
        if dice.random() < 0.02:
            value = float("nan")
        trial.report(value, step)
        stops = trial.should_prune()
        print("report", trial.number, step, repr(value), int(stops))
        which[1] = step + dice.choice([1, 1, 1, 1, 2, 5])
        which[3] = value
        if stops:
            study.tell(trial, state=optuna.trial.TrialState.PRUNED)
            print("end", trial.number, "pruned")
            running.remove(which)


def main(seed):
    warnings.simplefilter("ignore")
    optuna.logging.set_verbosity(optuna.logging.CRITICAL)
    for text, make in SETTINGS.items():
        for direction in ("minimize", "maximize"):
            play(text, make(), direction, random.Random(f"{seed} {text} {direction}"))


if __name__ == "__main__":
    main(sys.argv[1])
