return {["push"] = {iconClass = "fa fa-fw fa-redo"}}
