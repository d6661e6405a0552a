export { Inert, Text } from '@/text/Text';
export { Boundary } from './Boundary';
export { Button, type ButtonKind, type ButtonProps, IconButton } from './Button';
export { Combobox, type ComboboxProps } from './Combobox';
export { Confirm } from './Confirm';
export { Copy, copyText } from './Copy';
export { classes } from './classes';
export {
  Code,
  type CodeProps,
  Diff,
  type DiffMode,
  type DiffProps,
  Editor,
  type EditorProps,
  type Language,
} from './code';
export { Dialog } from './Dialog';
export { Facet, type FacetValue } from './Facet';
export { Field, FieldGroup } from './Field';
export { Icon, type IconName } from './Icon';
export { Checkbox, type Option, RadioGroup, Select, Switch, TextArea, TextInput } from './Input';
export { type KeyValue, KeyValues } from './KeyValues';
export { type Shortcuts, useKeys } from './keys';
export { External, Link, safeAddress } from './Link';
export { Menu, type MenuItem } from './Menu';
export { Overtaken, type OvertakenProps } from './Overtaken';
export { type Breadcrumb, Page, useTitle } from './Page';
export { Panel } from './Panel';
export { Revision, shortRevision } from './Revision';
export { Empty, Failed, Loading } from './States';
export { Badge, Health, Phase, Sync } from './Status';
export { type Column, Table } from './Table';
export { type Tab, Tabs } from './Tabs';
export { Duration, Time } from './Time';
export { Tooltip } from './Tooltip';
export { toast } from './toasts';
export { NARROW, useMedia } from './useMedia';
export { type VirtualColumn, type VirtualHandle, VirtualList, VirtualTable } from './VirtualList';
