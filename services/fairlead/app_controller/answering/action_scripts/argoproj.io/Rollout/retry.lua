obj.status = obj.status or {}
obj.status.abort = nil
return obj
