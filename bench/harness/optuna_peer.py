"""What fabric-bench asks of Optuna: a JSON object a line in, one a line out."""

import json
import sys
import time

import optuna

import optuna_crowd

optuna.logging.set_verbosity(optuna.logging.ERROR)

SAMPLERS = {"random": optuna.samplers.RandomSampler, "tpe": optuna.samplers.TPESampler,
            "cma-es": optuna.samplers.CmaEsSampler}


def distribution(p):
    if p["kind"] == "category":
        return optuna.distributions.CategoricalDistribution(p["choices"])
    if p["kind"] == "int":
        return optuna.distributions.IntDistribution(p["low"], p["high"], log=p["log"])
    return optuna.distributions.FloatDistribution(p["low"], p["high"], log=p["log"])


class Peer:

    def __init__(self):
        self.study = None
        self.space = {}
        self.open = {}

    def begin(self, sampler, seed, space):
        self.space = {p["name"]: distribution(p) for p in space}
        self.study = optuna.create_study(sampler=SAMPLERS[sampler](seed=seed))
        self.open = {}
        return {}

    def ask(self):
        trial = self.study.ask(self.space)
        self.open[trial.number] = trial
        return {"number": trial.number, "values": [trial.params[name] for name in self.space]}

    def tell(self, number, value):
        self.study.tell(self.open.pop(number), value)
        return {}

    def cost(self, sampler, seed, space, trials, pairs, storage):
        """Seconds for so many suggestions and their results, one after the other, in a study that
        has so many trials."""
        space = {p["name"]: distribution(p) for p in space}
        study = optuna.create_study(storage=storage, sampler=SAMPLERS[sampler](seed=seed))
        other = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed))
        study.add_trials([optuna.trial.create_trial(params=other.ask(space).params, value=float(i),
                                                    distributions=space) for i in range(trials)])
        study.tell(study.ask(space), 0.5)
        start = time.perf_counter()
        for i in range(pairs):
            study.tell(study.ask(space), float(i))
        return {"seconds": time.perf_counter() - start}

    def crowd(self, **how):
        return optuna_crowd.crowd(**how)


def main():
    peer = Peer()
    print(json.dumps({"version": optuna.__version__}), flush=True)
    for line in sys.stdin:
        what = json.loads(line)
        print(json.dumps(getattr(peer, what.pop("do"))(**what)), flush=True)


if __name__ == "__main__":
    import warnings
    warnings.simplefilter("ignore")
    main()
