{{! SPDX-License-Identifier: MIT }}
{{! Important buildings: dark, so that they show on every colour of the ZIPs. }}
{{! Where the map is too small for footprints: a dot each, unless there are too many. }}
<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis version="3.22.0" styleCategories="Symbology|Labeling|Fields|Rendering" labelsEnabled="0"{{#shapes_only}} hasScaleBasedVisibilityFlag="1" minScale="{{scale}}" maxScale="0"{{/shapes_only}}>
<renderer-v2 type="RuleRenderer" symbollevels="0" enableorderby="0" forceraster="0" referencescale="-1">
<rules key="{buildings}">
<rule key="{shapes}" symbol="0" scalemindenom="1" scalemaxdenom="{{scale}}" label="{{name}}"/>
{{#dots}}
<rule key="{dots}" symbol="1" scalemindenom="{{scale}}" scalemaxdenom="0" label="{{name}}, a dot each"/>
{{/dots}}
</rules>
<symbols>
{{#polygons}}
<symbol name="0" type="fill" alpha="1" clip_to_extent="1" force_rhr="0">
  <layer class="SimpleFill" enabled="1" locked="0" pass="0">
    <Option type="Map">
      <Option name="color" value="84,73,65,{{fill_alpha}}" type="QString"/>
      <Option name="style" value="solid" type="QString"/>
      <Option name="joinstyle" value="bevel" type="QString"/>
      <Option name="outline_color" value="51,43,37,255" type="QString"/>
      <Option name="outline_style" value="solid" type="QString"/>
      <Option name="outline_width" value="0.05" type="QString"/>
      <Option name="outline_width_unit" value="MM" type="QString"/>
    </Option>
  </layer>
  </symbol>
<symbol name="1" type="fill" alpha="1" clip_to_extent="1" force_rhr="0">
  <layer class="CentroidFill" enabled="1" locked="0" pass="0">
    <Option type="Map">
      <Option name="point_on_surface" value="0" type="QString"/>
      <Option name="point_on_all_parts" value="0" type="QString"/>
    </Option>
    <symbol name="@1@0" type="marker" alpha="1" clip_to_extent="1" force_rhr="0">
      <layer class="SimpleMarker" enabled="1" locked="0" pass="0">
        {{> building_dot.xml}}
      </layer>
      </symbol>
  </layer>
  </symbol>
{{/polygons}}
{{#points}}
<symbol name="0" type="marker" alpha="1" clip_to_extent="1" force_rhr="0">
  <layer class="SimpleMarker" enabled="1" locked="0" pass="0">
    <Option type="Map">
      <Option name="name" value="circle" type="QString"/>
      <Option name="color" value="84,73,65,255" type="QString"/>
      <Option name="size" value="1.2" type="QString"/>
      <Option name="size_unit" value="MM" type="QString"/>
      <Option name="outline_color" value="255,255,255,255" type="QString"/>
      <Option name="outline_style" value="solid" type="QString"/>
      <Option name="outline_width" value="0.1" type="QString"/>
      <Option name="outline_width_unit" value="MM" type="QString"/>
    </Option>
  </layer>
  </symbol>
<symbol name="1" type="marker" alpha="1" clip_to_extent="1" force_rhr="0">
  <layer class="SimpleMarker" enabled="1" locked="0" pass="0">
    {{> building_dot.xml}}
  </layer>
  </symbol>
{{/points}}
{{#lines}}
<symbol name="0" type="line" alpha="1" clip_to_extent="1" force_rhr="0">
  <layer class="SimpleLine" enabled="1" locked="0" pass="0">
    <Option type="Map">
      <Option name="line_color" value="84,73,65,255" type="QString"/>
      <Option name="line_style" value="solid" type="QString"/>
      <Option name="line_width" value="0.3" type="QString"/>
      <Option name="line_width_unit" value="MM" type="QString"/>
      <Option name="capstyle" value="round" type="QString"/>
      <Option name="joinstyle" value="round" type="QString"/>
    </Option>
  </layer>
  </symbol>
<symbol name="1" type="line" alpha="1" clip_to_extent="1" force_rhr="0">
  <layer class="SimpleLine" enabled="1" locked="0" pass="0">
    <Option type="Map">
      <Option name="line_color" value="84,73,65,150" type="QString"/>
      <Option name="line_style" value="solid" type="QString"/>
      <Option name="line_width" value="0.1" type="QString"/>
      <Option name="line_width_unit" value="MM" type="QString"/>
    </Option>
  </layer>
  </symbol>
{{/lines}}
</symbols>
</renderer-v2>
{{> fields.xml}}
<layerGeometryType>{{geometry_type}}</layerGeometryType>
</qgis>
