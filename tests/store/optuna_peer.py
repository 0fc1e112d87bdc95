"""The other side of the tests with the real Optuna: writes a study, or tells what it reads in one."""

import json
import sys

import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)


def write(url, name):
    sampler = optuna.samplers.RandomSampler(seed=1)
    study = optuna.create_study(
        storage=url, study_name=name, direction="maximize", sampler=sampler
    )
    study.enqueue_trial({"x": 3, "lr": 0.01, "p": 0.3, "opt": "adam"})

    def objective(trial):
        x = trial.suggest_int("x", 0, 50)
        lr = trial.suggest_float("lr", 1e-5, 1e-1, log=True)
        p = trial.suggest_float("p", 0, 1, step=0.1)
        opt = trial.suggest_categorical("opt", ["adam", 3, 2.5, True, None, "caf\u00e9"])
        trial.set_user_attr("HOST", {"host": "laptop"})
        trial.report(0.5, 1)
        if trial.number == 4:
            raise optuna.TrialPruned()
        if trial.number == 5:
            return float("inf")
        return x + lr + p + len(str(opt))

    study.optimize(objective, n_trials=10)
    study.ask()


def write_two(url, name):
    """Of two objectives and a constraint."""
    sampler = optuna.samplers.NSGAIISampler(
        seed=1, constraints_func=lambda trial: trial.user_attrs["over"]
    )
    study = optuna.create_study(
        storage=url, study_name=name, directions=["minimize", "maximize"], sampler=sampler
    )

    def objective(trial):
        x = trial.suggest_int("x", 0, 50)
        trial.set_user_attr("over", [x - 20.0, -1.0])
        if trial.number == 4:
            raise optuna.TrialPruned()
        return x * x, float(trial.number)

    study.optimize(objective, n_trials=10)


def go_on_two(url, name):
    """Trials of Optuna's own in a study of two objectives that exists."""
    sampler = optuna.samplers.NSGAIISampler(
        seed=1, constraints_func=lambda trial: trial.user_attrs["over"]
    )
    study = optuna.load_study(storage=url, study_name=name, sampler=sampler)

    def objective(trial):
        trial.set_user_attr("over", [-1.0])
        x = trial.suggest_int("x", 0, 199)
        return float(x), float(x)

    study.optimize(objective, n_trials=60)


def read_two(url, name):
    study = optuna.load_study(storage=url, study_name=name)
    print(
        json.dumps(
            {
                "directions": [d.name for d in study.directions],
                "trials": [
                    dict(as_json(t), constraints=without_infinity(t.system_attrs.get("constraints")))
                    for t in study.trials
                ],
                "best": [t.number for t in study.best_trials],
            }
        )
    )


def without_infinity(numbers):
    """Which JSON lacks."""
    return numbers and [n if n < float("inf") else "inf" for n in numbers]


def as_json(trial):
    return {
        "number": trial.number,
        "state": trial.state.name,
        "params": trial.params,
        "values": without_infinity(trial.values),
        "user_attrs": trial.user_attrs,
        "start": trial.datetime_start and trial.datetime_start.isoformat(),
        "complete": trial.datetime_complete and trial.datetime_complete.isoformat(),
        "distributions": {k: str(v) for k, v in trial.distributions.items()},
    }


def read(url, name):
    study = optuna.load_study(storage=url, study_name=name)
    done = [t for t in study.trials if t.state.name == "COMPLETE"]
    print(
        json.dumps(
            {
                "direction": study.direction.name,
                "trials": [as_json(t) for t in study.trials],
                "best": study.best_trial.number if done else None,
            }
        )
    )


def go_on(url, name):
    """Another trial of Optuna's own in a study that exists."""
    sampler = optuna.samplers.RandomSampler(seed=1)
    study = optuna.load_study(storage=url, study_name=name, sampler=sampler)
    study.optimize(lambda trial: float(trial.suggest_int("x", 0, 199)), n_trials=5)


def delete(url, name):
    optuna.delete_study(storage=url, study_name=name)


def attributes(url, name):
    """What was noted on a study and on its first trial; then notes something itself."""
    study = optuna.load_study(storage=url, study_name=name)
    print(json.dumps({"study": study.user_attrs, "trial": study.trials[0].user_attrs}))
    study.set_user_attr("theirs", {"na\u00efve": "x"})


def schema(url):
    """Tables, columns, keys and indexes, as SQLite tells them."""
    import sqlite3

    file = sqlite3.connect(url.replace("sqlite:///", ""))
    tables = [
        name
        for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        if not name.startswith("fabric_")
    ]
    told = {}
    for table in sorted(tables):
        told[table] = {
            what: sorted(map(str, file.execute(f"PRAGMA {what}({table})")))
            for what in ("table_info", "index_list", "foreign_key_list")
        }
    print(json.dumps(told))


if __name__ == "__main__":
    commands = [write, delete, read, go_on, write_two, read_two, go_on_two, schema, attributes]
    {each.__name__: each for each in commands}[sys.argv[1]](*sys.argv[2:])
