package nodes

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/util/workqueue"
)

const (
	podWorkers = 16
	nodeIP     = "10.1.0.1"
)

// Main plays the nodes of the kubeconfig's cluster until it is told to end.
func Main() int {
	flags := flag.NewFlagSet("nodes", flag.ExitOnError)
	kubeconfig := flags.String("kubeconfig", "", "file of the cluster to play the nodes of")
	_ = flags.Parse(os.Args[1:])
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	config.QPS = -1
	config.ContentType = "application/vnd.kubernetes.protobuf"
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if err := play(ctx, client); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func play(ctx context.Context, client kubernetes.Interface) error {
	placed := func(options *meta.ListOptions) {
		options.FieldSelector = fields.OneTermNotEqualSelector("spec.nodeName", "").String()
	}
	pods := informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithTweakListOptions(placed))
	nodes := informers.NewSharedInformerFactory(client, renewEvery)
	host := &hosts{client: client, pods: pods.Core().V1().Pods().Informer()}
	answering, err := listen(host.pods)
	if err != nil {
		return err
	}
	host.nodes = &keeper{client: client, address: nodeIP, port: answering.port()}
	host.known = nodes.Core().V1().Nodes().Informer()
	host.podWork = watch(host.pods)
	host.nodeWork = watch(host.known)
	pods.Start(ctx.Done())
	nodes.Start(ctx.Done())
	var working sync.WaitGroup
	working.Go(func() { answering.serve(ctx) })
	for range podWorkers {
		working.Go(func() { serve(ctx, host.podWork, host.tendPod) })
	}
	working.Go(func() { serve(ctx, host.nodeWork, host.tendNode) })
	<-ctx.Done()
	host.podWork.ShutDown()
	host.nodeWork.ShutDown()
	working.Wait()
	return nil
}

type queue = workqueue.TypedRateLimitingInterface[string]

// hosts tends to what is queued: always what the object is by then, not what an event said.
type hosts struct {
	client            kubernetes.Interface
	nodes             *keeper
	pods, known       cache.SharedIndexInformer
	podWork, nodeWork queue
	mutex             sync.Mutex
	addresses         int
}

// watch queues the key of every object that changes; an informer that resyncs queues all of them.
func watch(informer cache.SharedIndexInformer) queue {
	limit := workqueue.NewTypedItemExponentialFailureRateLimiter[string](5*time.Millisecond, 5*time.Second)
	work := workqueue.NewTypedRateLimitingQueue(limit)
	add := func(object any) {
		if key, err := cache.DeletionHandlingMetaNamespaceKeyFunc(object); err == nil {
			work.Add(key)
		}
	}
	_, _ = informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    add,
		UpdateFunc: func(_, object any) { add(object) },
	})
	return work
}

func serve(ctx context.Context, work queue, tend func(context.Context, string) error) {
	for {
		key, ended := work.Get()
		if ended {
			return
		}
		if err := tend(ctx, key); err != nil && ctx.Err() == nil {
			if !errors.IsConflict(err) {
				fmt.Fprintf(os.Stderr, "%s: %v\n", key, err)
			}
			work.AddRateLimited(key)
		} else {
			work.Forget(key)
		}
		work.Done(key)
	}
}

func (h *hosts) tendNode(ctx context.Context, key string) error {
	object, found, err := h.known.GetStore().GetByKey(key)
	if err != nil || !found {
		return err
	}
	return ignoreGone(h.nodes.settle(ctx, object.(*core.Node)))
}

func (h *hosts) tendPod(ctx context.Context, key string) error {
	object, found, err := h.pods.GetStore().GetByKey(key)
	if err != nil || !found {
		return err
	}
	pod := object.(*core.Pod)
	what, changed, wait := next(pod, nodeIP, h.addressOf(pod), meta.Now())
	client := h.client.CoreV1().Pods(pod.Namespace)
	switch {
	case wait > 0:
		h.podWork.AddAfter(key, wait)
	case what == remove:
		at := meta.Preconditions{UID: &pod.UID}
		now := int64(0)
		err = client.Delete(ctx, pod.Name, meta.DeleteOptions{GracePeriodSeconds: &now, Preconditions: &at})
	case what == update:
		_, err = client.UpdateStatus(ctx, changed, meta.UpdateOptions{})
	}
	return ignoreGone(err)
}

func (h *hosts) addressOf(pod *core.Pod) string {
	if pod.Status.PodIP != "" {
		return pod.Status.PodIP
	}
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.addresses++
	return fmt.Sprintf("10.2.%d.%d", h.addresses/254%256, h.addresses%254+1)
}

func ignoreGone(err error) error {
	if errors.IsNotFound(err) {
		return nil
	}
	return err
}
