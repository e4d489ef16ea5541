module botkube.test/original

go 1.21

require github.com/kubeshop/botkube v1.14.0

replace github.com/hashicorp/go-getter v1.7.3 => github.com/kubeshop/go-getter v0.0.0-20240219121353-061e752b1b28
