module selvage/pause

go 1.26
