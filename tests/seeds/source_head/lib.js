/*! widget v1 | (c) 2020-present Acme, Inc. | MIT */
!function(){}();
