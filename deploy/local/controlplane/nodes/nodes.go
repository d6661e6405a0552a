// Package nodes plays the kubelets of a cluster whose nodes are only objects:
// nodes are ready at once, pods run, complete, fail and go away as their own
// words say (see pods.go).
//
// It stands on the client libraries that the control plane is built from, so
// it costs nothing to compile. What containers say is in logs.go, what runs in
// them for who opens a terminal in exec.go.
package nodes

import (
	"context"
	"fmt"
	"time"

	coordination "k8s.io/api/coordination/v1"
	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/component-base/version"
)

const (
	leaseNamespace = "kube-node-lease"
	// A node whose Lease is older is taken for dead by the controllers.
	leaseSeconds = 40
	renewEvery   = 10 * time.Second
	// Only keeps the times in a node's conditions from looking abandoned.
	heartbeatEvery = 5 * time.Minute
)

// keeper makes nodes ready and keeps them so.
type keeper struct {
	client  kubernetes.Interface
	address string
	port    int32
}

func (k *keeper) settle(ctx context.Context, node *core.Node) error {
	if err := k.renew(ctx, node); err != nil {
		return err
	}
	known := node.Status.NodeInfo.KubeletVersion != "" && node.Status.DaemonEndpoints.KubeletEndpoint.Port == k.port
	if known && isReady(node) && !isStale(node) {
		return nil
	}
	changed := node.DeepCopy()
	now := meta.Now()
	status := &changed.Status
	status.Phase = core.NodeRunning
	status.Addresses = []core.NodeAddress{
		{Type: core.NodeInternalIP, Address: k.address},
		{Type: core.NodeHostName, Address: node.Name},
		{Type: core.NodeExternalIP, Address: serverAddress},
	}
	status.DaemonEndpoints.KubeletEndpoint.Port = k.port
	status.NodeInfo = core.NodeSystemInfo{
		Architecture:            "amd64",
		ContainerRuntimeVersion: "simulated",
		KernelVersion:           "simulated",
		KubeletVersion:          version.Get().GitVersion,
		OperatingSystem:         "linux",
		OSImage:                 "simulated",
	}
	status.Conditions = conditionsOf(node, now)
	_, err := k.client.CoreV1().Nodes().UpdateStatus(ctx, changed, meta.UpdateOptions{})
	return err
}

func (k *keeper) renew(ctx context.Context, node *core.Node) error {
	leases := k.client.CoordinationV1().Leases(leaseNamespace)
	now := meta.NowMicro()
	seconds := int32(leaseSeconds)
	lease, err := leases.Get(ctx, node.Name, meta.GetOptions{})
	if errors.IsNotFound(err) {
		owner := meta.OwnerReference{APIVersion: "v1", Kind: "Node", Name: node.Name, UID: node.UID}
		_, err = leases.Create(ctx, &coordination.Lease{
			ObjectMeta: meta.ObjectMeta{Name: node.Name, OwnerReferences: []meta.OwnerReference{owner}},
			Spec: coordination.LeaseSpec{
				HolderIdentity: &node.Name, LeaseDurationSeconds: &seconds, RenewTime: &now,
			},
		}, meta.CreateOptions{})
		return err
	}
	if err != nil {
		return err
	}
	if lease.Spec.RenewTime != nil && now.Sub(lease.Spec.RenewTime.Time) < renewEvery/2 {
		return nil
	}
	lease.Spec.HolderIdentity, lease.Spec.LeaseDurationSeconds, lease.Spec.RenewTime = &node.Name, &seconds, &now
	_, err = leases.Update(ctx, lease, meta.UpdateOptions{})
	return err
}

func isReady(node *core.Node) bool {
	for _, condition := range node.Status.Conditions {
		if condition.Type == core.NodeReady {
			return condition.Status == core.ConditionTrue
		}
	}
	return false
}

func isStale(node *core.Node) bool {
	for _, condition := range node.Status.Conditions {
		if time.Since(condition.LastHeartbeatTime.Time) > heartbeatEvery {
			return true
		}
	}
	return false
}

func conditionsOf(node *core.Node, now meta.Time) []core.NodeCondition {
	since := map[core.NodeConditionType]core.NodeCondition{}
	for _, condition := range node.Status.Conditions {
		since[condition.Type] = condition
	}
	wanted := []core.NodeCondition{
		{Type: core.NodeReady, Status: core.ConditionTrue, Reason: "KubeletReady"},
		{Type: core.NodeMemoryPressure, Status: core.ConditionFalse, Reason: "KubeletHasSufficientMemory"},
		{Type: core.NodeDiskPressure, Status: core.ConditionFalse, Reason: "KubeletHasNoDiskPressure"},
		{Type: core.NodePIDPressure, Status: core.ConditionFalse, Reason: "KubeletHasSufficientPID"},
		{Type: core.NodeNetworkUnavailable, Status: core.ConditionFalse, Reason: "RouteCreated"},
	}
	for i := range wanted {
		wanted[i].Message = fmt.Sprintf("simulated: %s is %s", wanted[i].Type, wanted[i].Status)
		wanted[i].LastHeartbeatTime, wanted[i].LastTransitionTime = now, now
		if before, known := since[wanted[i].Type]; known && before.Status == wanted[i].Status {
			wanted[i].LastTransitionTime = before.LastTransitionTime
		}
	}
	return wanted
}
