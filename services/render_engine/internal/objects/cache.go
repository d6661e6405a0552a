package objects

import "container/list"

const (
	cacheBytes = 8 << 20
	cacheEntry = 256 << 10
)

// cache keeps the objects used last, by id. An id fixes its content, so nothing in it can be stale.
type cache struct {
	entries map[string]*list.Element
	order   *list.List
	bytes   int
}

type cached struct {
	oid     string
	content []byte
}

func newCache() *cache {
	return &cache{entries: map[string]*list.Element{}, order: list.New()}
}

func (c *cache) get(oid string) ([]byte, bool) {
	element, found := c.entries[oid]
	if !found {
		return nil, false
	}
	c.order.MoveToFront(element)
	return element.Value.(*cached).content, true
}

func (c *cache) put(oid string, content []byte) {
	if len(content) > cacheEntry {
		return
	}
	if _, found := c.entries[oid]; found {
		return
	}
	c.entries[oid] = c.order.PushFront(&cached{oid: oid, content: content})
	c.bytes += len(content)
	for c.bytes > cacheBytes {
		c.drop(c.order.Back())
	}
}

func (c *cache) drop(element *list.Element) {
	old := c.order.Remove(element).(*cached)
	delete(c.entries, old.oid)
	c.bytes -= len(old.content)
}
