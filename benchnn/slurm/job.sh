#!/bin/bash
# Written by benchnn slurm. Submit this script again in the same folder to resume an interrupted run.
{{directives}}
set -euo pipefail

# Scripts of a site often use unset variables.
set +u
{{setup}}
set -u

out={{out}}
launch=({{launch}})
benchnn=({{benchnn}})
run=({{run}})
seeds=({{seeds}})
restarts={{restarts}}

restart=${SLURM_RESTART_COUNT:-0}
job=$SLURM_JOB_ID
if [[ -n ${SLURM_ARRAY_TASK_ID:-} ]]; then
    # The job id of one task may be that of the whole array.
    job=${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID
    seed=${seeds[SLURM_ARRAY_TASK_ID]}
    out+=/seed-$seed
    run+=(--seed "$seed")
fi

newest_checkpoint() {
    local files=("$out"/checkpoints/step-*.h5)
    if [[ -e ${files[-1]} ]]; then echo "${files[-1]}"; fi
}

# Slurm sends SIGUSR1 to this shell before the time limit; the launcher passes it on to the ranks, which stop with a
# checkpoint.
signalled=no
launcher=
trap 'signalled=yes over=no; [[ -z $launcher ]] || kill -USR1 "$launcher" 2>/dev/null || true' USR1

echo "benchnn: job $job, restart $restart, on $SLURM_JOB_NODELIST, $(date --iso-8601=seconds)"
{{check}}

before=$(newest_checkpoint)
if [[ -n $before ]]; then
    echo "benchnn: resuming from $before"
    run+=("--resume=$out")
fi
if [[ $signalled == yes ]]; then
    echo "benchnn: stopped before the run began: the time limit is too short" >&2
    exit 1
fi

"${launch[@]}" "${benchnn[@]}" "${run[@]}" "--out=$out" &
launcher=$!
# The signal may have arrived before the launcher was started.
[[ $signalled == no ]] || kill -USR1 "$launcher" 2>/dev/null || true
over=no
# A caught signal ends wait early.
while [[ $over == no ]]; do
    over=yes
    code=0
    wait "$launcher" || code=$?
done

if [[ $code == 0 || $signalled == no ]]; then exit "$code"; fi
after=$(newest_checkpoint)
if [[ $after == "$before" ]]; then
    echo "benchnn: not requeued: the run was stopped before it made progress" >&2
elif ((restart >= restarts)); then
    echo "benchnn: not requeued: this was restart $restart of at most $restarts; the run can be resumed from $out" >&2
else
    # Slurm may end this script before scontrol returns, so the log is written first.
    echo "benchnn: requeueing with $after"
    if scontrol requeue "$job"; then exit 0; fi
    echo "benchnn: Slurm did not requeue the job; the run can be resumed from $out" >&2
fi
exit "$code"
