package render

import (
	"render-engine/internal/needs"
	"render-engine/internal/tree"
	"render-engine/internal/wire"
)

// refPrefix marks the tree of another source in a want's From.
const refPrefix = "ref:"

// elsewhere has submodules and files of Git LFS asked for, where the caller would supply them. From says whose
// tree it is for: "" for the source's own, the key of a supply, or refPrefix and the name of another source.
type elsewhere struct {
	job  *job
	from string
}

// of is the supply a path lies in, or else the tree that this is for.
func (e elsewhere) of(within string) string {
	if within != "" {
		return within
	}
	return e.from
}

func (e elsewhere) Module(file, within, at, oid string) (tree.Module, bool, error) {
	if !e.job.Submodules {
		return tree.Module{}, false, nil
	}
	want := wire.Want{
		Kind: needs.Submodule, File: file, From: e.of(within), Path: at, OID: oid,
		Refusal: (&tree.SubmoduleError{Path: file}).Error(),
	}
	supply, found := e.job.needs.Ask(want)
	if !found {
		return tree.Module{}, false, nil
	}
	opened, err := e.job.openSupply(supply)
	if err != nil {
		return tree.Module{}, false, err
	}
	return tree.Module{Key: needs.Key(want), Mirror: supply.Mirror, Root: opened.Root()}, true, nil
}

func (e elsewhere) Large(file, within, at string, pointer tree.Pointer) ([]byte, bool, error) {
	if !e.job.LFS {
		return nil, false, nil
	}
	supply, found := e.job.needs.Ask(wire.Want{
		Kind: needs.LFS, File: file, From: e.of(within), Path: at, OID: pointer.OID, Size: pointer.Size,
		Refusal: (&tree.PointerError{Path: file}).Error(),
	})
	if !found {
		return nil, false, nil
	}
	content, err := e.job.readSupply(supply)
	return content, err == nil, err
}
