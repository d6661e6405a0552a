package nodes

import (
	"regexp"
	"strings"
	"time"

	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// What a pod does can be chosen by its annotation:
//
//	fail        its containers exit 1 (crash-looping when they would be restarted)
//	image-pull  its images can't be pulled
//	run         it keeps running, even where it would normally complete
//
// The same follows from the pod's own words: a command that ends in `exit 1`
// or is `false` fails, an image tagged `does-not-exist` can't be pulled,
// `sleep 5` takes five seconds, and `sleep infinity` never ends.
const simulate = "fairlead.dev/simulate"

const (
	missingImage = ":does-not-exist"
	pullBackOff  = "ImagePullBackOff"
	crashLoop    = "CrashLoopBackOff"
	notReady     = "ContainersNotReady"
	restarts     = 3
)

var (
	failing = regexp.MustCompile(`^(/bin/)?false$|(^|-c |;|&|\n)\s*exit [1-9][0-9]*\s*$`)
	endless = regexp.MustCompile(`sleep inf`)
	sleeps  = regexp.MustCompile(`sleep ([0-9.]+[smh]?)`)
)

// deed is what is to be done with a pod.
type deed int

const (
	nothing deed = iota
	remove
	update
)

// next says what becomes of a pod now, or after a while. The pod is not changed.
func next(pod *core.Pod, node, address string, now meta.Time) (deed, *core.Pod, time.Duration) {
	if pod.DeletionTimestamp != nil {
		if pod.DeletionGracePeriodSeconds != nil && *pod.DeletionGracePeriodSeconds == 0 {
			return nothing, nil, 0
		}
		return remove, nil, 0
	}
	changed := pod.DeepCopy()
	switch {
	case pod.Status.Phase == core.PodPending && cannotPull(pod):
		if isWaiting(pod) {
			return nothing, nil, 0
		}
		pull(changed, now)
	case pod.Status.Phase == core.PodPending && isRestarted(pod) && fails(pod):
		crash(changed, now)
	case pod.Status.Phase == core.PodPending:
		run(changed, node, address, now)
	case pod.Status.Phase == core.PodRunning && !isRestarted(pod) && (fails(pod) || !isEndless(pod)):
		if left := timeLeft(pod, now); left > 0 {
			return nothing, nil, left
		}
		end(changed, now)
	default:
		return nothing, nil, 0
	}
	return update, changed, 0
}

func cannotPull(pod *core.Pod) bool {
	if pod.Annotations[simulate] == "image-pull" {
		return true
	}
	for _, container := range pod.Spec.Containers {
		if strings.HasSuffix(container.Image, missingImage) {
			return true
		}
	}
	return false
}

func isWaiting(pod *core.Pod) bool {
	for _, status := range pod.Status.ContainerStatuses {
		if status.State.Waiting != nil && status.State.Waiting.Reason == pullBackOff {
			return true
		}
	}
	return false
}

func isRestarted(pod *core.Pod) bool {
	return pod.Spec.RestartPolicy == core.RestartPolicyAlways || pod.Spec.RestartPolicy == ""
}

func fails(pod *core.Pod) bool {
	return pod.Annotations[simulate] == "fail" || says(pod, failing)
}

func isEndless(pod *core.Pod) bool {
	return pod.Annotations[simulate] == "run" || says(pod, endless)
}

func says(pod *core.Pod, words *regexp.Regexp) bool {
	for _, container := range pod.Spec.Containers {
		if words.MatchString(commandOf(container)) {
			return true
		}
	}
	return false
}

func commandOf(container core.Container) string {
	return strings.Join(append(append([]string{}, container.Command...), container.Args...), " ")
}

func timeLeft(pod *core.Pod, now meta.Time) time.Duration {
	for _, container := range pod.Spec.Containers {
		if found := sleeps.FindStringSubmatch(commandOf(container)); found != nil {
			text := found[1]
			if !strings.ContainsAny(text, "smh") {
				text += "s"
			}
			takes, err := time.ParseDuration(text)
			if err != nil || pod.Status.StartTime == nil {
				return 0
			}
			return takes - now.Sub(pod.Status.StartTime.Time)
		}
	}
	return 0
}

func pull(pod *core.Pod, now meta.Time) {
	whole := pod.Annotations[simulate] == "image-pull"
	begin(pod, now)
	set(pod, now, core.PodReady, core.ConditionFalse, notReady)
	set(pod, now, core.ContainersReady, core.ConditionFalse, notReady)
	each(pod, func(container core.Container, status *core.ContainerStatus) {
		status.ImageID = ""
		if whole || strings.HasSuffix(container.Image, missingImage) {
			message := "Back-off pulling image \"" + container.Image + "\": not found"
			status.State.Waiting = &core.ContainerStateWaiting{Reason: pullBackOff, Message: message}
		} else {
			status.State.Running = &core.ContainerStateRunning{StartedAt: now}
		}
	})
}

func crash(pod *core.Pod, now meta.Time) {
	pod.Status.Phase = core.PodRunning
	begin(pod, now)
	set(pod, now, core.PodReady, core.ConditionFalse, notReady)
	set(pod, now, core.ContainersReady, core.ConditionFalse, notReady)
	ended := &core.ContainerStateTerminated{ExitCode: 1, Reason: "Error", StartedAt: now, FinishedAt: now}
	each(pod, func(container core.Container, status *core.ContainerStatus) {
		message := "back-off 40s restarting failed container=" + container.Name
		status.RestartCount = restarts
		status.State.Waiting = &core.ContainerStateWaiting{Reason: crashLoop, Message: message}
		status.LastTerminationState.Terminated = ended
	})
}

func run(pod *core.Pod, node, address string, now meta.Time) {
	pod.Status.Phase = core.PodRunning
	begin(pod, now)
	set(pod, now, core.PodReady, core.ConditionTrue, "")
	set(pod, now, core.ContainersReady, core.ConditionTrue, "")
	for _, gate := range pod.Spec.ReadinessGates {
		set(pod, now, gate.ConditionType, core.ConditionTrue, "")
	}
	each(pod, func(_ core.Container, status *core.ContainerStatus) {
		status.Ready = true
		*status.Started = true
		status.State.Running = &core.ContainerStateRunning{StartedAt: now}
	})
	pod.Status.InitContainerStatuses = initial(pod, now)
	pod.Status.HostIP, pod.Status.HostIPs = node, []core.HostIP{{IP: node}}
	if pod.Spec.HostNetwork {
		address = node
	}
	pod.Status.PodIP, pod.Status.PodIPs = address, []core.PodIP{{IP: address}}
}

func initial(pod *core.Pod, now meta.Time) []core.ContainerStatus {
	var found []core.ContainerStatus
	for _, container := range pod.Spec.InitContainers {
		status := core.ContainerStatus{
			Name: container.Name, Image: container.Image, ImageID: container.Image, Ready: true,
		}
		if container.RestartPolicy != nil && *container.RestartPolicy == core.ContainerRestartPolicyAlways {
			started := true
			status.Started = &started
			status.State.Running = &core.ContainerStateRunning{StartedAt: now}
		} else {
			status.State.Terminated = &core.ContainerStateTerminated{
				Reason: "Completed", StartedAt: now, FinishedAt: now,
			}
		}
		found = append(found, status)
	}
	return found
}

func end(pod *core.Pod, now meta.Time) {
	phase, code, reason, word := core.PodSucceeded, int32(0), "PodCompleted", "Completed"
	if fails(pod) {
		phase, code, reason, word = core.PodFailed, 1, "PodFailed", "Error"
	}
	pod.Status.Phase = phase
	set(pod, now, core.PodReady, core.ConditionFalse, reason)
	set(pod, now, core.ContainersReady, core.ConditionFalse, reason)
	started := now
	if pod.Status.StartTime != nil {
		started = *pod.Status.StartTime
	}
	each(pod, func(_ core.Container, status *core.ContainerStatus) {
		status.State.Terminated = &core.ContainerStateTerminated{
			ExitCode: code, Reason: word, StartedAt: started, FinishedAt: now,
		}
	})
}

func begin(pod *core.Pod, now meta.Time) {
	pod.Status.StartTime = &now
	set(pod, now, core.PodInitialized, core.ConditionTrue, "")
}

func each(pod *core.Pod, fill func(core.Container, *core.ContainerStatus)) {
	pod.Status.ContainerStatuses = nil
	for _, container := range pod.Spec.Containers {
		started := false
		status := core.ContainerStatus{
			Name: container.Name, Image: container.Image, ImageID: container.Image, Started: &started,
		}
		fill(container, &status)
		pod.Status.ContainerStatuses = append(pod.Status.ContainerStatuses, status)
	}
}

func set(pod *core.Pod, now meta.Time, kind core.PodConditionType, status core.ConditionStatus, reason string) {
	wanted := core.PodCondition{Type: kind, Status: status, Reason: reason, LastTransitionTime: now}
	if reason == notReady {
		wanted.Message = "containers are not ready"
	}
	for i, condition := range pod.Status.Conditions {
		if condition.Type == kind {
			pod.Status.Conditions[i] = wanted
			return
		}
	}
	pod.Status.Conditions = append(pod.Status.Conditions, wanted)
}
