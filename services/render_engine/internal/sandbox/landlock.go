package sandbox

import (
	"errors"
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	canRead    = unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_READ_DIR
	canExecute = unix.LANDLOCK_ACCESS_FS_EXECUTE | unix.LANDLOCK_ACCESS_FS_READ_FILE
	canUse     = unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_WRITE_FILE

	// scopes of version 6: no abstract socket and no signal reaches beyond this process' own domain.
	scopes = unix.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | unix.LANDLOCK_SCOPE_SIGNAL
)

// systemFolders hold programs, their libraries and time zones, on every distribution, and no secret.
var systemFolders = []string{"/usr", "/lib", "/lib64", "/nix/store"}

// systemFiles are read by the loader of programs and by the clock.
var systemFiles = []string{"/etc/ld.so.cache", "/etc/localtime"}

// rights are those the kernel's version of Landlock knows of; what it knows and is not given is refused.
func rights(version int) (files, network, scoped uint64) {
	files = unix.LANDLOCK_ACCESS_FS_MAKE_SYM<<1 - 1
	if version >= 2 {
		files |= unix.LANDLOCK_ACCESS_FS_REFER
	}
	if version >= 3 {
		files |= unix.LANDLOCK_ACCESS_FS_TRUNCATE
	}
	if version >= 4 {
		network = unix.LANDLOCK_ACCESS_NET_BIND_TCP | unix.LANDLOCK_ACCESS_NET_CONNECT_TCP
	}
	if version >= 5 {
		files |= unix.LANDLOCK_ACCESS_FS_IOCTL_DEV
	}
	if version >= 6 {
		scoped = scopes
	}
	return files, network, scoped
}

// restrictFiles closes the file system but for what is allowed.
func restrictFiles(allowed Allowed) error {
	if len(allowed.Folders) == 0 && !allowed.Nothing {
		return errors.New("no folder of mirrors was named")
	}
	version, _, problem := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if problem != 0 {
		return fmt.Errorf("the kernel has it not: %w", problem)
	}
	files, network, scoped := rights(int(version))
	attributes := unix.LandlockRulesetAttr{Handled_access_fs: files, Handled_access_net: network, Scoped: scoped}
	set, _, problem := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&attributes)), size(int(version)), 0)
	if problem != 0 {
		return problem
	}
	defer unix.Close(int(set))
	if err := allow(int(set), allowed); err != nil {
		return err
	}
	if _, _, problem := unix.Syscall(unix.SYS_LANDLOCK_RESTRICT_SELF, set, 0, 0); problem != 0 {
		return problem
	}
	return nil
}

// size of the attributes as that version knows them: older kernels refuse what they do not know.
func size(version int) uintptr {
	switch {
	case version < 4:
		return 8
	case version < 6:
		return 16
	}
	return 24
}

func allow(set int, allowed Allowed) error {
	for _, folder := range allowed.Folders {
		if err := rule(set, folder, canRead); err != nil {
			return fmt.Errorf("%s: %w", folder, err)
		}
	}
	for _, program := range allowed.Programs {
		for _, file := range runnable(resolved(program)) {
			if err := rule(set, file, canExecute); err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
		}
	}
	for _, folder := range systemFolders {
		if err := rule(set, folder, canRead); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("%s: %w", folder, err)
		}
	}
	for _, file := range systemFiles {
		if err := rule(set, file, unix.LANDLOCK_ACCESS_FS_READ_FILE); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	return rule(set, os.DevNull, canUse)
}

func rule(set int, path string, access uint64) error {
	at, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(at)
	beneath := unix.LandlockPathBeneathAttr{Allowed_access: access, Parent_fd: int32(at)}
	_, _, problem := unix.Syscall6(
		unix.SYS_LANDLOCK_ADD_RULE, uintptr(set), unix.LANDLOCK_RULE_PATH_BENEATH, uintptr(unsafe.Pointer(&beneath)), 0, 0, 0,
	)
	if problem != 0 {
		return problem
	}
	return nil
}
